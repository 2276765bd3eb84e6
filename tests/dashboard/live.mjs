// What an open page costs while 60 requests a second go by: XION_SECONDS of it (60). The last line is one JSON object. Not a test:
// a figure in seconds is of this machine.
import { api, given, launch, open, signIn, visitor } from "./browser.mjs";

const seconds = Number(process.env.XION_SECONDS ?? 60), rate = 60;
const browser = await launch();
const system = await browser.newBrowserCDPSession();
/** Of all of the browser's processes: who paints is another than who runs scripts. */
const cpuOfAll = async () => (await system.send("SystemInfo.getProcessInfo")).processInfo.reduce((sum, each) => sum + each.cpuTime, 0);
const figures = { seconds, rate };
let number = 0;
const send = () => api("/v1/otp/send", { phone: `+37494${String(number++).padStart(6, "0")}` }).catch(() => {});
const sending = setInterval(() => { for (let each = 0; each < rate / 10; ++each) send(); }, 100);

for (const [name, path] of [["overview", ""], ["requests", "requests"]]) {
  const page = await visitor(browser);
  await signIn(page, "--app", "shop");
  await open(page, path);
  const protocol = await page.context().newCDPSession(page);
  await protocol.send("Performance.enable");
  const look = async () => {
    await protocol.send("HeapProfiler.collectGarbage");
    const { metrics } = await protocol.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map((each) => [each.name, each.value]));
  };
  await page.waitForTimeout(5000);
  const before = await look(), cpuBefore = await cpuOfAll();
  await page.waitForTimeout(seconds * 1000);
  const cpuAfter = await cpuOfAll(), after = await look();
  figures[`${name}_all_cpu_s_a_minute`] = Number((((cpuAfter - cpuBefore) * 60) / seconds).toFixed(2));
  figures[`${name}_cpu_s_a_minute`] = Number((((after.TaskDuration - before.TaskDuration) * 60) / seconds).toFixed(2));
  figures[`${name}_nodes`] = [before.Nodes, after.Nodes];
  figures[`${name}_heap_mib`] = [before.JSHeapUsedSize, after.JSHeapUsedSize].map((octets) => Number((octets / 1048576).toFixed(1)));
  await page.context().close();
}
clearInterval(sending);
await browser.close();
console.log(JSON.stringify({ ...figures, sent: number, base: given.base }));
