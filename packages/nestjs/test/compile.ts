import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'

export const root: string = join(import.meta.dirname, '..')

/** As `nest build` does it, but for modules. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  rewriteRelativeImportExtensions: true,
}

interface Compiled {
  /** What to run. */
  readonly file: string
  readonly remove: () => void
}

/**
 * Compiles the package and an application to where they find one version of Nest.
 *
 * @param home the package whose dependencies they find
 * @param others what else the application is made of, in the folder of tests
 */
export function compile(home: string, application: string, others: readonly string[] = []): Compiled {
  const folder = join(home, 'node_modules', `.shelflife-${application}`)
  const sources = readdirSync(join(root, 'src')).map((name) => join('src', name))
  const tests = [`children/${application}`, ...others].map((name) => `test/${name}.ts`)
  for (const source of [...sources, ...tests]) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), { compilerOptions })
    const file = join(folder, source.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, outputText)
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  return {
    file: join(folder, `test/children/${application}.js`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
