import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { programPath } from './program-path.ts'

export interface Certificates {
  /** The certificate of the authority in PEM, for the `ca` option of a client. */
  readonly ca: string
  /** Lines for the configuration of a server. */
  readonly config: readonly string[]
}

export function opensslPath(): string {
  return programPath({
    name: 'openssl',
    variable: 'OPENSSL',
    packages: { debian: 'openssl', brew: 'openssl' },
  })
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Makes an authority and a certificate for 127.0.0.1 and localhost, valid for a day, in `folder`. */
export function createCertificates(folder: string): Certificates {
  const openssl = opensslPath()
  const file = (name: string): string => join(folder, name)
  const run = (...args: string[]): void => void execFileSync(openssl, args, { stdio: 'pipe' })
  const [caKey, caFile, key, request, certificate] = [
    file('ca.key'),
    file('ca.crt'),
    file('server.key'),
    file('server.csr'),
    file('server.crt'),
  ]
  run('req', '-x509', ...KEY, '-keyout', caKey, '-out', caFile, '-days', '1', '-subj', '/CN=test authority')
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  run('req', ...KEY, '-keyout', key, '-out', request, ...name)
  const authority = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial']
  run('x509', '-req', '-in', request, ...authority, '-out', certificate, '-days', '1', '-copy_extensions', 'copy')
  return {
    ca: readFileSync(caFile, 'utf8'),
    config: [
      `tls-cert-file "${certificate}"`,
      `tls-key-file "${key}"`,
      `tls-ca-cert-file "${caFile}"`,
      'tls-auth-clients no',
    ],
  }
}
