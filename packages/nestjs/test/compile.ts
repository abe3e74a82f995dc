import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
 * Compiles the package and an application into a temporary folder, from where they find one version of Nest.
 *
 * @param home the package whose dependencies they find
 * @param others what else the application is made of, in the folder of tests
 */
export function compile(home: string, application: string, others: readonly string[] = []): Compiled {
  const base = mkdtempSync(join(tmpdir(), `shelflife-${application}-`))
  let folder = base
  // what one version of Nest does not bring along is that of the package, and then that of the repository
  for (const above of [join(root, '../..'), root, home]) {
    folder = join(folder, 'in')
    mkdirSync(folder)
    symlinkSync(join(above, 'node_modules'), join(folder, 'node_modules'), 'junction')
  }
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
    remove: () => rmSync(base, { recursive: true, force: true }),
  }
}
