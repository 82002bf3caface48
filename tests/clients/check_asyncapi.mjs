// Prints what AsyncAPI's own parser has against a document, as JSON. severity: 0 error, 1 warning, 2 and 3 are hints.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const found = await new Parser().validate(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(found.map(({ code, severity, message, path }) => ({ code, severity, message, path }))));
