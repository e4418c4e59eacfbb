// Two small steps of the build: one sprite of all icons, and .gz and .br beside every file.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { ICONS } from './components/icons.ts'

/** sprite.svg: lucide's drawings as symbols, inlined by the shell and used by <Icon>. */
export function sprite(): Plugin {
  return {
    name: 'sprite',
    generateBundle() {
      const root = new URL('../../node_modules/lucide-static/icons/', import.meta.url)
      const symbols = ICONS.map((name) => {
        const drawing = readFileSync(new URL(`${name}.svg`, root), 'utf8')
        const inner = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(drawing)?.[1]
        if (!inner) throw new Error(`no drawing in ${name}.svg`)
        return `<symbol id="i-${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, '')}</symbol>`
      })
      this.emitFile({
        type: 'asset',
        fileName: 'sprite.svg',
        source: `<svg xmlns="http://www.w3.org/2000/svg" class="sprite" width="0" height="0" aria-hidden="true">${symbols.join('')}</svg>`,
      })
    },
  }
}

export function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir }) {
      if (!dir) return
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|svg|json)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const data = readFileSync(path)
        writeFileSync(`${path}.gz`, gzipSync(data, { level: 9 }))
        writeFileSync(`${path}.br`, brotliCompressSync(data))
      }
    },
  }
}
