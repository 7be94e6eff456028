// The document as a judge: what an answer has to look like, and whether this one does.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";
import {join} from "node:path";

const require = createRequire(join(process.env.USHER_NODE_MODULES, "index.js"));
const {Ajv2020} = require("ajv/dist/2020.js");
const addFormats = require("ajv-formats").default;

export const methods = ["get", "put", "post", "delete", "patch"];
export const notYet = JSON.parse(readFileSync(new URL("not_yet.json", import.meta.url), "utf8"));

/** Headers that every HTTP answer may have, and that no document lists. */
const plainHeaders = new Set([
  "date", "connection", "keep-alive", "content-type", "content-length", "content-encoding", "vary", "cache-control",
  "x-content-type-options", "x-request-id", "referrer-policy", "content-security-policy", "strict-transport-security",
]);

export class ApiDocument {
  constructor(text) {
    this.root = JSON.parse(text);
    this.ajv = new Ajv2020({strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true, allErrors: true});
    addFormats(this.ajv);
    this.ajv.addVocabulary(Object.keys(this.root)); // the document itself is no schema, it holds them
    this.ajv.addSchema(this.root, "document");
    this.validators = new Map();
  }

  /** [{name: "GET /path", method, path, operation}], in the document's order. */
  operations() {
    const all = [];
    for (const [path, item] of Object.entries(this.root.paths))
      for (const method of methods)
        if (item[method]) all.push({name: `${method.toUpperCase()} ${path}`, method, path, operation: item[method]});
    return all;
  }

  /** Follows a reference; gives the node and the pointer that names it. */
  resolve(pointer) {
    let node = this.root;
    for (const step of pointer.split("/").slice(1)) node = node?.[step.replaceAll("~1", "/").replaceAll("~0", "~")];
    return node?.$ref ? this.resolve(node.$ref.slice(1)) : {node, pointer};
  }

  /** What is wrong with a value by the schema at a pointer; an empty list when nothing is. */
  judge(pointer, value) {
    let validate = this.validators.get(pointer);
    if (!validate) {
      validate = this.ajv.compile({$ref: `document#${pointer.replaceAll("{", "%7B").replaceAll("}", "%7D")}`});
      this.validators.set(pointer, validate);
    }
    if (validate(value)) return [];
    return validate.errors.map((e) => `${e.instancePath || "/"} ${e.message} ${JSON.stringify(e.params)}`);
  }

  /** What is wrong with an answer to an operation of the document. `head` answers have no body. */
  judgeAnswer(method, path, answer, {head = false} = {}) {
    const at = `/paths/${path.replaceAll("/", "~1")}/${method}/responses`;
    const documented = this.resolve(at).node;
    if (!documented) return [`${method} ${path} is not documented`];
    const named = documented[answer.status] ? `${answer.status}` : "default";
    if (named === "default" && !this.mayDefault(answer.status)) return [`the status ${answer.status} is not documented`];
    return this.judgeResponse(this.resolve(`${at}/${named}`), answer, head);
  }

  /** Statuses that `default` stands for; any other has to be documented where it comes. */
  mayDefault(status) {
    return [405, 408, 411, 413, 414, 417, 431, 500, 501].includes(status);
  }

  judgeResponse({node, pointer}, answer, head) {
    const wrong = [];
    const known = new Set(plainHeaders);
    for (const name of Object.keys(node.headers ?? {})) {
      known.add(name.toLowerCase());
      wrong.push(...this.judgeHeader(this.resolve(`${pointer}/headers/${name}`), name, answer));
    }
    for (const name of Object.keys(answer.headers)) if (!known.has(name)) wrong.push(`the header ${name} is not documented`);
    return [...wrong, ...this.judgeBody(node, pointer, answer, head)];
  }

  judgeHeader({node, pointer}, name, answer) {
    const text = [answer.headers[name.toLowerCase()]].flat()[0]; // Set-Cookie comes as a list
    if (text === undefined) return node.required ? [`the header ${name} is missing`] : [];
    const value = node.schema.type === "integer" ? Number(text) : text;
    return this.judge(`${pointer}/schema`, value).map((why) => `header ${name}: ${why}`);
  }

  judgeBody(node, pointer, answer, head) {
    if (!node.content) return answer.text === "" ? [] : ["there is a body, and none is documented"];
    const type = (answer.headers["content-type"] ?? "").split(";")[0];
    if (!node.content[type]) return [`the content type ${type} is not documented`];
    if (head) return answer.text === "" ? [] : ["an answer to HEAD has a body"];
    const at = `${pointer}/content/${type.replaceAll("/", "~1")}/schema`;
    return this.judge(at, type.endsWith("json") ? JSON.parse(answer.text) : answer.text).map((why) => `body: ${why}`);
  }
}
