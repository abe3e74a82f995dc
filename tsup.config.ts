import { existsSync } from 'node:fs'
import { defineConfig } from 'tsup'

// Every package builds with `tsup --config ../../tsup.config.ts`, from its own folder.
export default defineConfig({
  entry: [
    'src/index.ts',
    'src/protocol.ts',
    'src/loads.ts',
    'src/inspect.ts',
    'src/integration.ts',
    'src/child.ts',
    'src/faults.ts',
    'src/upstash.ts',
    'src/rules.ts',
  ].filter((file) => existsSync(file)),
  format: ['esm', 'cjs'],
  target: 'node22',
  // one copy of what two entries share, in CommonJS too: two classes of errors would not know each other
  splitting: true,
  dts: true,
  removeNodeProtocol: false,
  clean: true,
  plugins: [
    {
      // a `require` in the `try` itself is what bundlers take for optional; what `import()` is made of here stands in a function
      name: 'optional-packages',
      renderChunk(code) {
        return this.format === 'cjs' ? { code: code.replaceAll(/await import\((".*?")\)/g, 'require($1)') } : undefined
      },
    },
  ],
})
