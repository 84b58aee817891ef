// What printed loops may do: reads their texts as JSON from standard input, parses each with the parser inside Node, and
// answers with what is no arithmetic on arguments: [text, problem]. Run with --expose-internals.

const acorn = require("internal/deps/acorn/acorn/dist/acorn");

const PLAIN = new Set([
  "Program", "ExpressionStatement", "ArrowFunctionExpression", "BlockStatement", "VariableDeclaration",
  "VariableDeclarator", "ForStatement", "IfStatement", "ReturnStatement", "AssignmentExpression", "BinaryExpression",
  "LogicalExpression", "UnaryExpression", "UpdateExpression", "ConditionalExpression", "CallExpression",
  "MemberExpression", "ArrayPattern", "ArrayExpression", "Identifier", "Literal", "SequenceExpression",
]);
const GIVEN = new Set(["Math", "NaN", "Number", "isFinite"]);
const MATH = new Set(["abs", "sqrt", "pow", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "atan2"]);

function inside(node) {
  const held = Object.values(node).flat().filter((one) => one && typeof one.type === "string");
  return [node, ...held.flatMap(inside)];
}

/** The names that a pattern declares. */
const declares = (pattern) =>
  pattern.type === "Identifier" ? [pattern.name] : pattern.elements.flatMap((one) => (one ? declares(one) : []));

function* problems(text) {
  const all = inside(acorn.parse(text, { ecmaVersion: 2022 }));
  const own = new Set(all.flatMap((node) => {
    if (node.type === "VariableDeclarator") return declares(node.id);
    return node.type === "ArrowFunctionExpression" ? node.params.flatMap(declares) : [];
  }));
  const named = new Set(all.filter((node) => node.type === "MemberExpression" && !node.computed).map((node) => node.property));
  for (const node of all) {
    if (!PLAIN.has(node.type)) yield node.type;
    if (node.type === "Literal" && typeof node.value !== "number") yield `the literal ${node.raw}`;
    if (node.type === "Identifier" && !named.has(node) && !own.has(node.name) && !GIVEN.has(node.name)) yield node.name;
    if (node.type === "Identifier" && own.has(node.name) && GIVEN.has(node.name)) yield `${node.name} declared anew`;
    const target = node.type === "AssignmentExpression" ? node.left : node.type === "UpdateExpression" ? node.argument : null;
    if (target?.type === "Identifier" && !own.has(target.name)) yield `${target.name} assigned`;
    if (node.type === "CallExpression") {
      const { callee } = node;
      const ofMath = callee.object?.name === "Math" && MATH.has(callee.property.name) && !callee.computed;
      const ofNumber = callee.name === "isFinite" || (callee.object?.name === "Number" && callee.property.name === "isFinite");
      if (!ofMath && !ofNumber) yield `a call of ${text.slice(callee.start, callee.end)}`;
    }
    if (node.type === "MemberExpression" && !node.computed && !["Math", "Number"].includes(node.object.name)) {
      if (node.property.name !== "length") yield `the property ${node.property.name}`;
    }
  }
}

const texts = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const found = texts.flatMap((text) => [...problems(text)].map((problem) => [text, problem]));
process.stdout.write(JSON.stringify(found));
