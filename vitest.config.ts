import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['@shelflife/source', 'module', 'node', 'development|production']

export default defineConfig({
  test: {
    // Most tests on real servers wait for time to pass.
    maxWorkers: 2,
    // Once for all projects: the servers that tests start are installed where they are missing, or the run fails.
    globalSetup: '@shelflife/test-servers/global-setup',
    projects: globSync(['{packages,apps}/*/package.json', '{soak,test-servers,http-suite}/package.json'])
      .map(dirname)
      .map((root) => ({
        root,
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: {
          name: basename(root),
          include: ['test/**/*.test.ts'],
          // against hanging; a machine that is busy is no failure
          testTimeout: 20_000,
          // Type errors elsewhere are what `pnpm typecheck` reports.
          typecheck: {
            enabled: true,
            include: ['test/**/*.test-d.ts'],
            tsconfig: 'test/tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      })),
  },
})
