import { fileURLToPath } from 'node:url'
import { build, type BuildResult } from 'esbuild'
import { describe, expect, it } from 'vitest'

interface Bundle {
  readonly code: string
  /** What the bundle leaves to its user. */
  readonly imports: readonly string[]
  readonly warnings: BuildResult['warnings']
}

async function bundle(entry: string, external: readonly string[]): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${entry}`, import.meta.url))],
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    bundle: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
    external: [...external],
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  return { code: outputFiles.map(({ text }) => text).join('\n'), imports: [...new Set(imports)], warnings }
}

describe('a browser bundle', () => {
  it.each([
    ['index.ts', ['rxjs']],
    ['testing/index.ts', []],
    ['graph/graph-client-transport.ts', ['@microsoft/microsoft-graph-client']],
  ])('of %s needs no more than %j', async (entry, external) => {
    // What is neither bundled nor external, such as anything of Node, fails the build.
    const { code, imports, warnings } = await bundle(entry, external)

    expect(imports).toEqual(external)
    expect(warnings).toEqual([])
    expect(code).not.toMatch(/\b(?:process|Buffer|require|__dirname|setImmediate)\b\s*[.(]/)
  })

  it('of something of Node fails, as it has to for the test above to mean anything', async () => {
    await expect(bundle('../test/browser-bundle.test.ts', ['vitest', 'esbuild'])).rejects.toThrow(/node:url/)
  })
})
