import { defineConfig } from 'vitest/config'

const sources = ['packages/*/test', 'examples/*', 'benchmarks']
const files = (suffix: string): string[] => sources.map((folder) => `${folder}/**/*${suffix}`)

/** A suffix says what a test needs: nothing, real sockets, or a real browser. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: files('.test.ts'),
          exclude: ['**/node_modules/**', ...files('.integration.test.ts'), ...files('.browser.test.ts')],
        },
      },
      {
        test: { name: 'integration', include: files('.integration.test.ts'), testTimeout: 30_000 },
      },
      {
        test: {
          name: 'browser',
          include: files('.browser.test.ts'),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
