import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { compressed, sprite } from './build-plugins.ts'

export default defineConfig({
  base: '/static/',
  plugins: [svelte({ compilerOptions: { runes: true } }), sprite(), compressed()],
  build: {
    outDir: '../jackfield_ui/static/dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    target: 'es2023',
    rollupOptions: { input: { inbox: 'inbox/main.ts', link: 'link/main.ts', page: 'inbox/page.css' } },
  },
  test: { include: ['core/**/*.test.ts', 'admin/**/*.test.ts'], environment: 'node' },
})
