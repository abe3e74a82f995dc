import { date, FRESH, HIT, LATER, notReused, reused, store } from './case-parts.ts'
import type { Fields } from './field-lines.ts'
import type { Answer } from './send.ts'
import type { SuiteCase } from './suite-case.ts'
import { must } from './suite-case.ts'

/** Refuses an Age that is missing, no number, in several lines or out of range. */
function ageBetween(least: number, most: number): (answer: Answer) => void {
  return (answer) => {
    const age = answer.header('age') ?? 'missing'
    if (!/^\d+$/.test(age)) throw new Error(`Age is ${age}`)
    if (Number(age) < least || Number(age) > most) throw new Error(`Age is ${age}, not from ${least} to ${most}`)
  }
}

const ages = (title: string, headers: Fields, least: number): SuiteCase =>
  must('RFC 9111 §5.1', title, store(headers), { ...HIT, wait: LATER, check: ageBetween(least, least + 8) })

export const AGE_CASES: readonly SuiteCase[] = [
  must('RFC 9111 §4', 'a reused response has Age', store(FRESH), { ...HIT, check: ageBetween(0, 8) }),
  ages('Age counts the time in the cache', FRESH, 1),
  ages('Age counts the time in the cache when Expires decides', { Expires: date(3600) }, 1),
  ages('Age counts on from the Age received', { ...FRESH, Age: '30' }, 31),
  ages('Age counts on from the Age received when Expires decides', { Expires: date(3600), Age: '30' }, 31),
  ages('Age counts from the Date received', { ...FRESH, Date: date(-100) }, 101),
  ages('Age counts from the greater of Age and Date, if Age is', { ...FRESH, Date: date(-10), Age: '200' }, 201),
  ages('Age counts from the greater of Age and Date, if Date is', { ...FRESH, Date: date(-200), Age: '10' }, 201),
  ages('a Date in the future does not make Age negative', { ...FRESH, Date: date(100) }, 1),
  ages('Age stays a number where the one received was none', { ...FRESH, Age: 'abc' }, 1),
  ages('Age is one line where several were received', { ...FRESH, Age: ['30', '0'] }, 31),
  must(
    'RFC 9111 §4.2.3',
    'Age counts the time the origin took to answer',
    { reply: { headers: FRESH, delay: 1.3 } },
    { ...HIT, check: ageBetween(1, 8) },
  ),

  must(
    'RFC 9110 §6.6.1',
    'Date is given as received',
    store({ ...FRESH, Date: 'Tue, 15 Nov 2022 12:45:26 GMT', 'Cache-Control': 'max-age=2147483647' }),
    { ...HIT, has: { Date: 'Tue, 15 Nov 2022 12:45:26 GMT' } },
  ),
  must(
    'RFC 9110 §6.6.1',
    'Date is given as received when Expires is there',
    store({ Expires: 'Fri, 01 Jan 2100 00:00:00 GMT', Date: 'Tue, 15 Nov 2022 12:45:26 GMT' }),
    { ...HIT, wait: LATER, has: { Date: 'Tue, 15 Nov 2022 12:45:26 GMT', Expires: 'Fri, 01 Jan 2100 00:00:00 GMT' } },
  ),
  must('RFC 9110 §6.6.1', 'a reused response that came without Date has one', store({ ...FRESH, Date: [] }), {
    ...HIT,
    has: { Date: /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/ },
  }),

  ...reused('RFC 9111 §5.1', {
    'a response with an Age that is no number': { ...FRESH, Age: 'abc' },
    'a response with a negative Age': { ...FRESH, Age: '-7200' },
    'a response with a fraction in Age': { ...FRESH, Age: '7200.0' },
    'a response with an Age with a parameter': { ...FRESH, Age: '7200;foo=bar' },
    'a response with a list in Age that begins below max-age': { ...FRESH, Age: '0, 7200' },
    'a response with lines of Age that begin below max-age': { ...FRESH, Age: ['0', '7200'] },
    'a response with Age: 0, 0': { ...FRESH, Age: '0, 0' },
    'a response with two lines of Age: 0': { ...FRESH, Age: ['0', '0'] },
    'a response with two lines of Age below max-age': { ...FRESH, Age: ['600', '600'] },
  }),
  ...notReused('RFC 9111 §5.1', {
    'a response with Age: 2147483647': { ...FRESH, Age: '2147483647' },
    'a response with Age: 2147483648': { ...FRESH, Age: '2147483648' },
    'a response with Age: 2147483649': { ...FRESH, Age: '2147483649' },
    'a response with an Age of forty digits': { ...FRESH, Age: '9'.repeat(40) },
    'a response with a list in Age that begins above max-age': { ...FRESH, Age: '7200, 0' },
    'a response with lines of Age that begin above max-age': { ...FRESH, Age: ['7200', '0'] },
  }),
]
