export type Article = { readonly slug: string; readonly author: string; readonly title: string; readonly text: string }

/** The articles, as a database would have them: each call is a query. */
export function openArticles() {
  const authors = new Map([
    ['ada', 'Ada Lovelace'],
    ['grace', 'Grace Hopper'],
  ])
  const articles = new Map<string, Article>()
  const save = async (article: Article) => void articles.set(article.slug, article)
  void save({ slug: 'engine', author: 'ada', title: 'The engine', text: 'It weaves algebraic patterns.' })
  void save({ slug: 'loops', author: 'ada', title: 'Loops', text: 'What is to be repeated is said once.' })
  void save({ slug: 'compiler', author: 'grace', title: 'The compiler', text: 'Let it write its own programs.' })

  return {
    list: async () => [...articles.values()],
    find: async (slug: string) => articles.get(slug),
    save,
    nameOf: async (author: string) => authors.get(author),
    rename: async (author: string, name: string) => void authors.set(author, name),
  }
}

export type Articles = ReturnType<typeof openArticles>
