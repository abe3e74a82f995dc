import { html } from 'hono/html'
import type { Article } from './articles.ts'

type Page = ReturnType<typeof html>

const page = (title: string, content: Page): Page =>
  html`<!doctype html>
    <html lang="en">
      <meta name="viewport" content="width=device-width" />
      <link rel="stylesheet" href="/style.css" />
      <title>${title}</title>
      <h1>${title}</h1>
      ${content}
    </html>`

const link = ({ slug, title }: Article): Page => html`<p><a href="/articles/${slug}">${title}</a></p>`

export const listPage = (articles: readonly Article[]): Page => page('Articles', html`${articles.map(link)}`)

export const articlePage = ({ title, text }: Article, name = 'somebody'): Page =>
  page(
    title,
    html`<p class="by">by ${name}</p>
      <p>${text}</p>
      <p><a href="/">All articles</a></p>`,
  )

export const style = `
  html { max-width: 36rem; margin: 4rem auto; padding: 0 1rem; font: 1.1rem/1.6 Georgia, serif; color: #222 }
  .by { color: #777; font-style: italic }
  a { color: #0a5c7d }`
