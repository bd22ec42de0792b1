import { expect, it } from 'vitest'

it('the port of the README answers', async () => {
  const { close, origin } = await import('./port.ts')
  const answer = await fetch(`${origin}/v1.0/me/joinedTeams`, { headers: { authorization: 'Bearer any' } })
  expect(answer.status).toBe(200)
  await close()
})
