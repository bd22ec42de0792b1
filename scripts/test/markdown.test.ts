import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokenLinks } from '../check/broken-links.ts'
import { readMarkdown } from '../check/markdown.ts'

const text = `# The \`Clock\` & its timers

[a file](./there.md), [a heading](#the-clock--its-timers) and <a id="here" href="there.md#part">HTML</a>.

\`\`\`ts
const [notALink] = ['(x)'](y)
\`\`\`

- in a list

  \`\`\`ts ignore
  ignored
  \`\`\`

![an image](
missing.png)

## The \`Clock\` & its timers
`

describe('reading a document', () => {
  const { links, fences, anchors } = readMarkdown(text)

  test('finds links, images and those of HTML, each with its line', () => {
    expect(links).toEqual([
      { target: './there.md', line: 3 },
      { target: '#the-clock--its-timers', line: 3 },
      { target: 'there.md#part', line: 3 },
      { target: 'missing.png', line: 15 },
    ])
  })

  test('finds the code, on the line where it begins', () => {
    expect(fences).toEqual([
      { language: 'ts', tags: [], code: "const [notALink] = ['(x)'](y)", line: 6 },
      { language: 'ts', tags: ['ignore'], code: 'ignored', line: 12 },
    ])
  })

  test('tells blocks of code apart that begin and end alike', () => {
    const block = '```\nsame\n```\n\n'
    const listed = '- x\n\n  ```\n  same\n  ```\n\n'
    expect(readMarkdown(block + block + listed + listed + block).fences.map(({ line }) => line)).toEqual([
      2, 6, 12, 18, 22,
    ])
  })

  test('finds the image that a link is made of', () => {
    expect(readMarkdown('[![a](b.png)](c.md)').links.map(({ target }) => target)).toEqual(['c.md', 'b.png'])
  })

  test('names headings as GitHub does, also when there are two of the same', () => {
    expect([...anchors]).toEqual(['the-clock--its-timers', 'here', 'the-clock--its-timers-1'])
  })
})

describe('broken links', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'links-'))
    await writeFile(path.join(folder, 'there.md'), '')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function problemsOf(markdown: string): Promise<string[]> {
    const documents = new Map([
      ['a.md', readMarkdown(markdown)],
      ['there.md', readMarkdown('# Part')],
    ])
    await writeFile(path.join(folder, 'a.md'), markdown)
    return brokenLinks(folder, documents)
  }

  test.each([
    '[x](there.md)',
    '[x](./there.md#part)',
    '[x](/there.md?plain=1#part)',
    '# Own\n[x](#own)',
    '[x](https://nowhere.example/#gone) [y](mailto:a@b.example)',
    '`[x](gone.md)`',
  ])('%s leads somewhere', async (markdown) => {
    expect(await problemsOf(markdown)).toEqual([])
  })

  test.each([
    ['[x](gone.md)', 'a.md:1: there is no gone.md'],
    ['text\n\n[x](../there.md)', 'a.md:3: there is no ../there.md'],
    ['[x](there.md#gone)', 'a.md:1: there is no heading #gone in there.md'],
    ['[x](#gone)', 'a.md:1: there is no heading #gone in a.md'],
    ['[x][y]\n\n[y]: gone.md', 'a.md:1: there is no gone.md'],
  ])('%s leads nowhere', async (markdown, problem) => {
    expect(await problemsOf(markdown)).toEqual([problem])
  })
})
