// A form: what is typed, what was saved, and what came of saving. Nothing is shown as saved before it is.

import type { Desk, Unsaved } from './desk.svelte'

export class Form<T extends object> implements Unsaved {
  value: T = $state() as T
  saving: boolean = $state(false)
  /** Saved, in words; empty again with the next change. */
  done: string = $state('')
  problem: string = $state('')
  fields: Record<string, string> = $state.raw({})
  private saved: string = $state('')

  constructor(
    private desk: Desk,
    value: T,
  ) {
    this.value = value
    this.saved = JSON.stringify(value)
    $effect(() => desk.watch(this))
  }

  get dirty(): boolean {
    return JSON.stringify(this.value) !== this.saved
  }

  /** What it says now, as plain data. */
  plain(): T {
    return $state.snapshot(this.value) as T
  }

  /** Take this as what is saved. */
  take(value: T): void {
    this.value = value
    this.saved = JSON.stringify(value)
  }

  /** `run` saves, and answers what is true now; null: what was typed is. True: it was saved. */
  async submit(run: (value: T) => Promise<T | null>): Promise<boolean> {
    if (this.saving) return false
    this.saving = true
    this.done = this.problem = ''
    this.fields = {}
    const typed = this.plain()
    try {
      this.take((await run(typed)) ?? typed)
      this.done = this.desk.live.t('admin.saved')
      return true
    } catch (error) {
      const { said, fields } = this.desk.trouble(error)
      this.problem = said
      this.fields = fields
      return false
    } finally {
      this.saving = false
    }
  }
}

/** Put the focus on the first field that is wrong, once the page shows it so. */
export function focusFirstWrong(form: HTMLElement | undefined): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}
