import GithubSlugger from 'github-slugger'
import { marked, type Token, type Tokens } from 'marked'

export interface Link {
  readonly target: string
  readonly line: number
}

export interface CodeFence {
  /** The first word after the backticks, and the others. */
  readonly language: string
  readonly tags: readonly string[]
  readonly code: string
  /** Of the first line of the code. */
  readonly line: number
}

export interface MarkdownDocument {
  readonly links: readonly Link[]
  readonly fences: readonly CodeFence[]
  /** What can stand behind a `#`: headings as GitHub names them, and `id`s. */
  readonly anchors: ReadonlySet<string>
}

/** Reads what can be checked from a Markdown document: where it points to, and the code that it shows. */
export function readMarkdown(source: string): MarkdownDocument {
  const text = source.replaceAll('\r\n', '\n')
  const links: Link[] = []
  const fences: CodeFence[] = []
  const anchors = new Set<string>()
  const slugger = new GithubSlugger()
  let blockStart = 0
  let cursor = 0

  const nextLine = (index: number): number => {
    const end = text.indexOf('\n', index)
    return end === -1 ? text.length : end + 1
  }
  /** Tokens come in the order of the text, but without a position, and in lists without their indentation. */
  const lineOf = ({ type, raw }: Token): number => {
    const lines = raw.trimEnd().split('\n')
    const found = text.indexOf(lines[0] ?? '', cursor)
    const start = found === -1 ? cursor : found
    cursor = start + 1
    // An image may stand inside of a link, but nothing stands inside of code.
    if (type === 'code') for (const _ of lines) cursor = nextLine(cursor)
    return text.slice(0, start).split('\n').length
  }
  const read = (token: Token): void => {
    if (token.type === 'link' || token.type === 'image') {
      links.push({ target: (token as Tokens.Link | Tokens.Image).href, line: lineOf(token) })
    } else if (token.type === 'code') {
      const { lang = '', text: code } = token as Tokens.Code
      const [language = '', ...tags] = lang.split(/\s+/)
      fences.push({ language, tags, code, line: lineOf(token) + 1 })
    } else if (token.type === 'heading') {
      anchors.add(slugger.slug(plainText((token as Tokens.Heading).tokens)))
    } else if (token.type === 'html') {
      const line = lineOf(token)
      for (const [, name, value = ''] of token.raw.matchAll(/\b(href|src|id|name)="([^"]*)"/g)) {
        if (name === 'href' || name === 'src') links.push({ target: value, line })
        else anchors.add(value)
      }
    }
  }
  for (const block of marked.lexer(text)) {
    cursor = blockStart
    // It returns the promises of what it calls, and what it calls here returns none.
    void marked.walkTokens([block], read)
    blockStart += block.raw.length
  }
  return { links, fences, anchors }
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      'tokens' in token && token.tokens ? plainText(token.tokens) : 'text' in token ? token.text : '',
    )
    .join('')
}
