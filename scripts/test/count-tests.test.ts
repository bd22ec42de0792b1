import { expect, test } from 'vitest'
import { countTests, type VitestReport } from '../check/vitest.ts'

const report: VitestReport = {
  numPassedTests: 5,
  numFailedTests: 2,
  numPendingTests: 3,
  numTodoTests: 1,
  testResults: [{ status: 'failed', assertionResults: [{}, {}] }],
}
const allPassed: VitestReport = { ...report, numFailedTests: 0, testResults: [] }

test('counts what passed, failed, and was skipped or is still to be written', () => {
  expect(countTests(report, false)).toEqual({ passed: 5, failed: 2, skipped: 4 })
})

test('counts a file that does not load as a failure', () => {
  const unloaded = { status: 'failed', assertionResults: [] }
  expect(countTests({ ...report, testResults: [...report.testResults, unloaded] }, false).failed).toBe(3)
})

test('counts a failure where the run failed and all tests passed', () => {
  expect(countTests(allPassed, false).failed).toBe(1)
  expect(countTests(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('counts nothing where there was nothing to test', () => {
  expect(countTests(undefined, true)).toEqual({ passed: 0, failed: 0, skipped: 0 })
})
