// A voice being recorded by the browser: asked for, going, ready to be heard; and how loud it is meanwhile.

const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'] as const
const LONGEST = 15 * 60 // seconds
const EVERY = 100 // ms between two levels

export type RecorderState = 'idle' | 'asking' | 'recording' | 'ready' | 'denied' | 'missing' | 'failed'

export class Recorder {
  state: RecorderState = $state('idle')
  seconds: number = $state(0)
  /** From 0 to 1, the newest last. */
  levels: number[] = $state.raw([])
  file: File | null = $state.raw(null)
  /** Where the recording can be heard; ours alone, until it is let go. */
  address: string = $state('')

  private media: MediaRecorder | null = null
  private stream: MediaStream | null = null
  private sound: AudioContext | null = null
  private timer = 0
  private dropped = false

  get going(): boolean {
    return this.state === 'asking' || this.state === 'recording'
  }

  async start(): Promise<void> {
    if (this.going) return
    this.drop()
    this.dropped = false
    const type = TYPES.find((one) => typeof MediaRecorder !== 'undefined' && MediaRecorder.isTypeSupported(one))
    if (!type || !navigator.mediaDevices) {
      this.state = 'missing' // an old browser, or a page without https
      return
    }
    this.state = 'asking'
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } })
      if (this.dropped) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      this.stream = stream
      this.listen(stream, type)
    } catch (error) {
      this.quiet()
      const name = error instanceof DOMException ? error.name : ''
      this.state = name === 'NotAllowedError' ? 'denied' : name === 'NotFoundError' ? 'missing' : 'failed'
    }
  }

  stop(): void {
    if (this.media?.state === 'recording') this.media.stop()
    else if (this.state === 'asking') this.drop()
  }

  /** Forget it all; nothing was sent. */
  drop(): void {
    this.dropped = true
    if (this.media?.state === 'recording') this.media.stop()
    this.quiet()
    if (this.address) URL.revokeObjectURL(this.address)
    this.address = ''
    this.file = null
    this.levels = []
    this.seconds = 0
    this.state = 'idle'
  }

  private listen(stream: MediaStream, type: string): void {
    const pieces: Blob[] = []
    const media = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 32_000 })
    media.ondataavailable = (event) => pieces.push(event.data)
    media.onerror = () => {
      this.drop()
      this.state = 'failed'
    }
    media.onstop = () => {
      this.quiet()
      if (this.dropped) return
      const plain = type.split(';')[0] ?? type
      this.file = new File(pieces, `voice.${plain.split('/')[1] ?? 'webm'}`, { type: plain })
      this.address = URL.createObjectURL(this.file)
      this.state = this.file.size ? 'ready' : 'failed'
    }
    media.start()
    this.media = media
    this.state = 'recording'
    this.measure(stream)
  }

  private measure(stream: MediaStream): void {
    const began = performance.now()
    const sound = new AudioContext()
    const ear = sound.createAnalyser()
    ear.fftSize = 1024
    sound.createMediaStreamSource(stream).connect(ear)
    this.sound = sound
    const heard = new Float32Array(ear.fftSize)
    this.timer = window.setInterval(() => {
      ear.getFloatTimeDomainData(heard)
      const power = heard.reduce((sum, one) => sum + one * one, 0) / heard.length
      this.levels = [...this.levels, Math.min(1, Math.sqrt(power) * 5)].slice(-48)
      this.seconds = (performance.now() - began) / 1000
      if (this.seconds >= LONGEST) this.stop()
    }, EVERY)
  }

  private quiet(): void {
    clearInterval(this.timer)
    for (const track of this.stream?.getTracks() ?? []) track.stop()
    void this.sound?.close().catch(() => undefined)
    this.stream = null
    this.sound = null
  }
}
