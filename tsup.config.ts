import { defineConfig } from 'tsup'

// Every package builds with `tsup --config ../../tsup.config.ts`, from its own folder.
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node22',
  dts: true,
  removeNodeProtocol: false,
  clean: true,
})
