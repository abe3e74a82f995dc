import { DatabaseSync } from 'node:sqlite'
import type { Cache } from '@shelflife/core'

/** `price` in cents. */
export type Product = { readonly id: number; readonly name: string; readonly category: string; readonly price: number }

const setUp = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS products
    (id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price INTEGER NOT NULL) STRICT;
  INSERT INTO products (name, category, price)
  SELECT concat_ws(' ', colour.value, material.value, item.value), item.value || 's', 900 + 350 * item.key
  FROM json_each('["lamp","table","stool","bowl","jug","tray","vase","clock"]') AS item,
    json_each('["oak","steel","glass","linen","clay"]') AS material,
    json_each('["Black","White","Red","Green","Blue","Grey"]') AS colour
  WHERE NOT EXISTS (SELECT 1 FROM products);`

/** The products in an SQLite file, which is filled when it is new. Reads are cached; who writes, invalidates. */
export function openCatalogue(file: string, cache: Cache) {
  const db = new DatabaseSync(file, { timeout: 5_000 })
  db.exec(setUp)
  const one = db.prepare('SELECT * FROM products WHERE id = ?')
  const list = db.prepare('SELECT * FROM products WHERE category = coalesce(?, category) ORDER BY name, id')
  const categories = db.prepare('SELECT DISTINCT category FROM products ORDER BY category')
  const insert = db.prepare('INSERT INTO products VALUES (NULL, :name, :category, :price) RETURNING *')
  const update = db.prepare(
    'UPDATE products SET name = :name, category = :category, price = :price WHERE id = :id RETURNING *',
  )

  return {
    // `null` is remembered too, but not for long: there is no such product yet
    getProduct: cache.cached((id: number) => (one.get(id) as Product | undefined) ?? null, {
      name: 'product',
      tier: 'semiStatic',
      tags: (id) => [`product/${id}`],
    }),
    listProducts: cache.cached((category: string | null) => list.all(category) as Product[], {
      name: 'products',
      tier: 'semiStatic',
      tags: ['products'],
    }),
    listCategories: () => categories.all().map(({ category }) => category),
    addProduct: (product: Omit<Product, 'id'>) => insert.get(product) as Product,
    changeProduct: (product: Product) => update.get(product) as Product | undefined,
    close: () => db.close(),
  }
}

export type Catalogue = ReturnType<typeof openCatalogue>
