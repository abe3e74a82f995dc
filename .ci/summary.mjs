// Says what a test run came to: the slowest files, each failure again, and one last line of counts.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const {
  numPassedTests: passed = 0,
  numFailedTests: failed = 0,
  numPendingTests: pending = 0,
  numTodoTests: todo = 0,
  testResults: files = [],
} = JSON.parse(readFileSync(process.argv[2], 'utf8') || '{}')

const named = (file) => relative(process.cwd(), file.name)
const seconds = (file) => (file.endTime - file.startTime) / 1000

for (const file of files.toSorted((one, other) => seconds(other) - seconds(one)).slice(0, 10)) {
  console.log(`${seconds(file).toFixed(0).padStart(4)} s  ${named(file)}`)
}

// A file that could not be loaded has no tests to count.
const broken = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
for (const file of broken) console.log(`\nfailed: ${named(file)}\n${file.message}`)
for (const file of files) {
  for (const test of file.assertionResults) {
    if (test.status !== 'failed') continue
    console.log(`\nfailed: ${named(file)} > ${test.fullName}\n${test.failureMessages.join('\n').slice(0, 2000)}`)
  }
}

console.log(`${passed} passed, ${failed + broken.length} failed, ${pending + todo} skipped`)
