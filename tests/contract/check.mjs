// node check.mjs lint — lints the OpenAPI file by Redocly's recommended rules; any problem fails.
// node check.mjs exchanges FILE [--complete] — holds every recorded exchange (a line of JSON each, see tests/functional/harness.py) against the
// OpenAPI file: its operation and status are described, its headers are there, and its body is valid with no member that is not described.
// With --complete, every operation and every answer of the file must have been seen too.
import fs from "node:fs";
import readline from "node:readline";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import YAML from "yaml";
import { createConfig, formatProblems, lint } from "@redocly/openapi-core";

const contractPath = fileURLToPath(new URL("../../daemon/api/openapi.yaml", import.meta.url));

async function lintContract() {
  const config = await createConfig({
    extends: ["recommended"],
  });
  const problems = await lint({ ref: contractPath, config });
  const errors = problems.filter((problem) => problem.severity === "error").length;
  formatProblems(problems, { format: "codeframe", totals: { errors, warnings: problems.length - errors, ignored: 0 }, version: "2" });
  return problems.length === 0 ? 0 : 1;
}

class Contract {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(this.ajv);
    // A server's own answers are held to more than a client may rely on: no member that is not described.
    for (const schema of Object.values(document.components.schemas)) this.close(schema);
    this.ajv.addSchema(document, "contract");
    this.checks = new Map();
    this.answers = new Map(); // "METHOD path STATUS" → times seen
    this.operations = [];
    for (const [path, item] of Object.entries(document.paths)) {
      const pattern = new RegExp("^" + path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+") + "$");
      for (const [method, operation] of Object.entries(item)) {
        this.operations.push({ path, pattern, method: method.toUpperCase(), operation, isLiteral: !path.includes("{") });
        // Nothing makes the daemon fail on purpose.
        for (const status of Object.keys(operation.responses)) if (status !== "500") this.answers.set(`${method.toUpperCase()} ${path} ${status}`, 0);
      }
    }
    this.operations.sort((a, b) => b.isLiteral - a.isLiteral);
  }

  /** What stands as a member or an item gets no members beyond those described, whatever it is composed of. */
  close(schema) {
    if (!schema || typeof schema !== "object") return;
    const closed = (inner) => {
      this.close(inner);
      const isObject = inner.$ref || inner.properties || inner.allOf || inner.oneOf;
      return isObject ? { allOf: [inner], unevaluatedProperties: false } : inner;
    };
    for (const name of Object.keys(schema.properties ?? {})) schema.properties[name] = closed(schema.properties[name]);
    if (schema.items) schema.items = closed(schema.items);
    for (const part of [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]) this.close(part);
  }

  resolve(node) {
    if (!node?.$ref) return node;
    return node.$ref.slice(2).split("/").reduce((at, part) => at[part.replaceAll("~1", "/").replaceAll("~0", "~")], this.document);
  }

  validator(key, schema) {
    if (!this.checks.has(key)) {
      const inner = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"contract#/'));
      this.close(inner);
      const isOpen = Object.keys(inner).join() === "type";
      this.checks.set(key, this.ajv.compile(isOpen ? inner : { allOf: [inner], unevaluatedProperties: false }));
    }
    return this.checks.get(key);
  }

  /** What is wrong with an exchange: sentences. */
  check({ method, path, status, headers, body }) {
    const plain = decodeURI(path.split("?")[0]).replace(/(.)\/+$/, "$1");
    const asked = method === "HEAD" ? "GET" : method;
    // A path that is written out is that path, whatever template it would fit.
    const isWritten = this.operations.some((each) => each.path === plain);
    const found = this.operations.find((each) => each.method === asked && (isWritten ? each.path === plain : each.pattern.test(plain)));
    if (!found) {
      const isOfPath = this.operations.some((each) => each.pattern.test(plain));
      const expected = isOfPath ? 405 : 404;
      return [expected, 400, 401, 408, 413, 503].includes(status) || plain === "/healthz" || plain === "/readyz" ? [] : [`is in no operation, so ${expected}`];
    }
    const key = `${asked} ${found.path} ${status}`;
    const response = this.resolve(found.operation.responses[status]);
    if (!response) return [`status ${status} is not described for ${found.operation.operationId}`];
    if (this.answers.has(key)) this.answers.set(key, this.answers.get(key) + 1);
    const wrong = [];
    for (const [name, header] of Object.entries(response.headers ?? {})) {
      const value = headers[name.toLowerCase()];
      const { schema, required } = this.resolve(header);
      if (value === undefined && required === false) continue;   // It says itself when it is left out.
      if (value === undefined) wrong.push(`has no ${name}`);
      else if (schema.type === "integer" && !/^\d+$/.test(value)) wrong.push(`${name}: ${value} is no integer`);
    }
    if (method === "HEAD") return wrong;
    const essence = (headers["content-type"] ?? "").split(";")[0].trim();
    if (!response.content) return body === "" ? wrong : [...wrong, "has a body where none is described"];
    const media = response.content[essence];
    if (!media) return [...wrong, `is ${essence}, described is ${Object.keys(response.content)}`];
    if (!essence.endsWith("json") || essence === "application/x-ndjson") return wrong;
    const validate = this.validator(`${key} ${essence}`, media.schema);
    if (!validate(JSON.parse(body))) {
      for (const error of validate.errors) wrong.push(`${error.instancePath || "/"} ${error.message} ${JSON.stringify(error.params)}`);
    }
    return wrong;
  }
}

async function checkExchanges(file, isComplete) {
  const contract = new Contract(YAML.parse(fs.readFileSync(contractPath, "utf8"), { merge: true, maxAliasCount: -1 }));
  let lines = 0;
  const told = new Map();
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
    const exchange = JSON.parse(line);
    ++lines;
    for (const sentence of contract.check(exchange)) {
      const what = `${exchange.method} ${exchange.path.split("?")[0]} ${exchange.status}: ${sentence}`;
      if (!told.has(what)) told.set(what, exchange.body);
    }
  }
  for (const [what, body] of told) console.error(`${what}\n    ${body.slice(0, 400)}`);
  const unseen = [...contract.answers].filter(([, times]) => times === 0).map(([key]) => key);
  console.log(`${lines} exchanges, ${contract.answers.size - unseen.length} of ${contract.answers.size} described answers seen`);
  if (isComplete) for (const key of unseen) console.error(`never seen: ${key}`);
  return lines === 0 || told.size > 0 || (isComplete && unseen.length > 0) ? 1 : 0;
}

const [command, file, option] = process.argv.slice(2);
process.exitCode = command === "lint" ? await lintContract() : await checkExchanges(file, option === "--complete");
