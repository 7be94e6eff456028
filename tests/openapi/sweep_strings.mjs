// What people send who want something else than an answer.

/** Statements, headers, paths and formats in the place of a word. The first ones are the sharpest. */
export const injections = [
  "'; CREATE TABLE usher.swept (); --",
  "' OR '1'='1",
  "\\'; DROP TABLE usher.support_tickets CASCADE; --",
  "1); SELECT set_config('usher.organizations', '', false); --",
  "'||(SELECT pg_sleep(60))||'",
  "$1 $2 {0} %s %n ${7*7} {{7*7}}",
  "a\r\nX-Swept: 1\r\n\r\nHTTP/1.1 200 OK",
  "a\nX-Swept: 1",
  "../../../etc/passwd",
  "<script>alert(1)</script>",
  "=cmd|' /C calc'!A0",
  "\u202egnirts\u0000",
  "𝓊\u0301".repeat(40),
];

const text = (body) => Buffer.from(body, "utf8");
const nested = (depth) => "[".repeat(depth) + "]".repeat(depth);

/** Bodies that are no JSON object of ours, whatever the route: [name, bytes]. */
export function torture(example) {
  const good = JSON.stringify(example);
  const [first, value] = Object.entries(example)[0] ?? ["subject", "a"];
  const member = (json) => text(`{${JSON.stringify(first)}:${json}}`);
  return [
    ["nothing", text("")],
    ["cut off", text(good.slice(0, -1))],
    ["cut in a string", text(`{"${first}":"abc`)],
    ["a byte order mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text(good)])],
    ["UTF-16", Buffer.from(`\ufeff${good}`, "utf16le")],
    ["a member twice", text(`{${JSON.stringify(first)}:${JSON.stringify(value)},${JSON.stringify(first)}:${JSON.stringify(value)}}`)],
    ["a member twice, once escaped", text(`{"${first}":${JSON.stringify(value)},"\\u${first.charCodeAt(0).toString(16).padStart(4, "0")}${first.slice(1)}":${JSON.stringify(value)}}`)],
    ["something after it", text(`${good} x`)],
    ["two of them", text(`${good}${good}`)],
    ["a comment", text(`/* */${good}`)],
    ["a comma too many", text(good.replace(/\}$/, ",}"))],
    ["bytes that are no UTF-8", Buffer.concat([text(`{"${first}":"`), Buffer.from([0xff, 0xfe]), text('"}')])],
    ["an overlong slash", Buffer.concat([text(`{"${first}":"`), Buffer.from([0xc0, 0xaf]), text('"}')])],
    ["a surrogate in UTF-8", Buffer.concat([text(`{"${first}":"`), Buffer.from([0xed, 0xa0, 0x80]), text('"}')])],
    ["a lone surrogate", member('"\\ud800"')],
    ["surrogates the wrong way round", member('"\\udc00\\ud800"')],
    ["a raw line break in a string", member('"a\nb"')],
    ["deep arrays", text(nested(100_000))],
    ["deep arrays in a member", member(nested(2000))],
    ["deep objects", text('{"a":'.repeat(40_000))],
    ["a number with an enormous exponent", member("1e131071")],
    ["a number of many digits", member("9".repeat(10_000))],
    ["a number below all", member("-1e400")],
    ["a number that is none", member("NaN")],
    ["a hexadecimal number", member("0x10")],
    ["a leading zero", member("01")],
    ["an array", text("[]")],
    ["a string", text('"body"')],
    ["null", text("null")],
    ["true", text("true")],
    ["a member that nobody knows", text(JSON.stringify({...example, __proto__swept: 1}))],
    ["a prototype", text(`{"__proto__":{"role":"admin"},"constructor":{}}`)],
    ["very many members", text(`{${Array.from({length: 20_000}, (_, i) => `"a${i}":1`).join(",")}}`)],
  ];
}
