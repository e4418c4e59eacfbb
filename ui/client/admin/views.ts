// Rows of the stream as these pages call them.

export type { ChannelView as Line } from '../core/wire'
