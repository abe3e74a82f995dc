import { date, notReused, reused } from './case-parts.ts'
import type { SuiteCase } from './suite-case.ts'

const INVALID: Readonly<Record<string, string>> = {
  'a zero': '0',
  'a minus one': '-1',
  'a number of seconds': '3600',
  'no text': '',
  UTC: 'Thu, 18 Aug 2050 02:01:18 UTC',
  'another time zone': 'Thu, 18 Aug 2050 02:01:18 AEST',
  'a numeric time zone': 'Thu, 18 Aug 2050 02:01:18 +0000',
  'no time zone': 'Thu, 18 Aug 2050 02:01:18',
  'a two-digit year': 'Thu, 18 Aug 50 02:01:18 GMT',
  'no comma': 'Thu 18 Aug 2050 02:01:18 GMT',
  'several spaces': 'Thu, 18  Aug  2050 02:01:18 GMT',
  'dashes and a long year': 'Thu, 18-Aug-2050 02:01:18 GMT',
  'periods in the time': 'Thu, 18 Aug 2050 02.01.18 GMT',
  'a one-digit hour': 'Thu, 18 Aug 2050 2:01:18 GMT',
  'a day that does not exist': 'Wed, 30 Feb 2050 02:01:18 GMT',
  'an ISO 8601 date': '2050-08-18T02:01:18Z',
}

const rows = Object.entries(INVALID).map(
  ([what, text]) => [`a response with Expires of ${what}`, { Expires: text }] as const,
)

export const EXPIRES_CASES: readonly SuiteCase[] = [
  ...reused('RFC 9111 §5.3', {
    'a response with a future Expires': { Expires: date(3600) },
    'a response with Expires after 2038': { Expires: 'Tue, 19 Jan 2038 14:14:08 GMT' },
    'a response with Expires far in the future': { Expires: 'Sun, 21 Nov 2286 04:46:39 GMT' },
    'a response with a future Expires and no Date': { Expires: date(3600), Date: [] },
    'a response with a future Expires and an invalid Date': { Expires: date(3600), Date: 'foo' },
  }),
  ...reused('RFC 9110 §5.6.7', {
    'a response with Expires in RFC 850 format': { Expires: 'Thursday, 18-Aug-50 02:01:18 GMT' },
    'a response with Expires in asctime format': { Expires: 'Thu Aug 18 02:01:18 2050' },
    'a response with Expires in asctime format with a one-digit day': { Expires: 'Mon Aug  8 02:01:18 2050' },
  }),
  ...reused('RFC 9111 §4.2', {
    'a response with the weekday of Expires in capitals': { Expires: 'THU, 18 Aug 2050 02:01:18 GMT' },
    'a response with the month of Expires in capitals': { Expires: 'Thu, 18 AUG 2050 02:01:18 GMT' },
    'a response with the zone of Expires in small letters': { Expires: 'Thu, 18 Aug 2050 02:01:18 gMT' },
  }),
  ...notReused('RFC 9111 §5.3', {
    'a response with a past Expires': { Expires: date(-3600) },
    'a response with Expires equal to Date': { Expires: date(0), Date: date(0) },
    'a response with Expires before Date, both in the future': { Expires: date(300), Date: date(400) },
    'a response with a past Expires before a future one': { Expires: [date(-60), date(3600)] },
    ...Object.fromEntries(rows),
  }),
  ...notReused('RFC 9111 §4.2.3', {
    'a response whose Age is above Expires minus a slow Date': { Date: date(-10), Expires: date(10), Age: '25' },
    'a response whose Age is above Expires minus a fast Date': { Date: date(10), Expires: date(20), Age: '15' },
    'a response whose Age equals Expires minus Date': { Date: date(0), Expires: date(60), Age: '60' },
  }),
]
