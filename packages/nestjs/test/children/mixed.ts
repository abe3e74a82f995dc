import { compile, root } from '../compile.ts'

// what Node runs by itself has no decorators
const { file, remove } = compile(root, 'mixed-app', ['attacked-app', 'platforms'])
await import(file)
remove()
