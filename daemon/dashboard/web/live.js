// Live changes: server-sent events, taken up again for ever; where they don't come through, the page asks every five seconds.
import { Offline, get, isOnline } from "./api.js";

const first_wait_ms = 1000, longest_wait_ms = 10_000, poll_ms = 5000;
/** The daemon says every 15 s that it is there. Who is silent for longer may hang, which no stream tells. */
const silent_ms = 25_000, probed_within_ms = 5000;

export class Live {
  /** `changed(atOnce)`: look again. `told(how)`: "on", "beat", "poll" or "off". */
  constructor(changed, told) {
    this.changed = changed;
    this.told = told;
    this.how = "off";
    this.failures = 0;
  }

  start(app) {
    this.stop();
    this.app = app;
    this.failures = 0;
    this.connect();
  }

  say(how) {
    this.how = how === "beat" ? "on" : how;
    this.told(how);
  }

  connect() {
    if (!globalThis.EventSource) return this.poll();
    this.heard();
    const source = new EventSource(`/dashboard/api/events${this.app ? `?app=${encodeURIComponent(this.app)}` : ""}`);
    this.source = source;
    source.addEventListener("hello", () => {
      this.heard();
      this.failures = 0;
      clearInterval(this.timer);
      this.timer = 0;
      this.say("on");
      // What happened between the page's first look and this is in nobody's news.
      this.changed();
    });
    source.addEventListener("change", () => { this.heard(); this.say("beat"); this.changed(); });
    source.addEventListener("still", () => this.heard());
    source.addEventListener("end", () => { this.stop(); this.probe(); });
    source.onerror = () => {
      source.close();
      if (this.source === source) this.lost();
    };
  }

  /** There is somebody; the next silence is a while from now. */
  heard() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.doubt(), silent_ms);
  }
  /** Nobody answers, though the stream has not ended. */
  doubt() {
    clearTimeout(this.silence);
    if (!this.source || this.source.readyState === EventSource.CLOSED) return;
    this.source.close();
    this.lost();
  }

  /** Whether it is the daemon, the session or only the stream shows in a call; until the stream is there again, the page asks. */
  async lost() {
    clearTimeout(this.silence);
    ++this.failures;
    if (!this.timer) this.say("off");
    const wait = Math.min(longest_wait_ms, first_wait_ms * 2 ** (this.failures - 1));
    clearTimeout(this.again);
    this.again = setTimeout(() => this.connect(), wait);
    await this.probe();
    if (this.failures > 2 && isOnline() && !this.timer && this.source) this.poll();
  }

  /** Asks once; what is wrong is told by the call itself. */
  async probe() {
    try {
      await get("/dashboard/api/session", {}, { within: probed_within_ms });
    } catch (failure) {
      if (!(failure instanceof Offline)) return;
    }
  }

  poll() {
    this.say("poll");
    this.timer = setInterval(() => this.changed(), poll_ms);
  }

  stop() {
    this.source?.close();
    this.source = null;
    clearInterval(this.timer);
    this.timer = 0;
    this.how = "off";
    clearTimeout(this.again);
    clearTimeout(this.silence);
  }
}
