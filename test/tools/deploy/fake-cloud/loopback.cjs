/**
 * Keeps a process on this machine: `NODE_OPTIONS=--require loopback.cjs`. Each http and https request for another host goes
 * to the fake cloud (FAKE_CLOUD_PORT) in plain http, with its Host header unchanged; any other socket to another host fails.
 */
"use strict";
const http = require("node:http");
const https = require("node:https");
const net = require("node:net");
const { syncBuiltinESMExports } = require("node:module");
const { urlToHttpOptions } = require("node:url");

const port = Number(process.env.FAKE_CLOUD_PORT);
const isHere = (host) => /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/.test(host);

/** The arguments of `http.request` in each of their forms, as one object and a callback. */
function read(args) {
  const rest = [...args];
  let options = {};
  if (typeof rest[0] === "string") rest[0] = new URL(rest[0]);
  if (rest[0] instanceof URL) options = urlToHttpOptions(rest.shift());
  if (rest[0] !== null && typeof rest[0] === "object") options = { ...options, ...rest.shift() };
  return { options, callback: rest.find((each) => typeof each === "function") };
}

function redirected(options, secure) {
  const host = options.hostname ?? options.host;
  const defaultPort = secure ? 443 : 80;
  const asked = Number(options.port ?? options.defaultPort ?? defaultPort);
  const given = Object.keys(options.headers ?? {}).some((name) => name.toLowerCase() === "host");
  return {
    ...options,
    headers: given
      ? options.headers
      : { ...options.headers, host: asked === defaultPort ? host : `${host}:${asked}` },
    protocol: "http:",
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    port,
    defaultPort: 80,
    // The caller's own agent or connection would use TLS, or another address.
    agent: undefined,
    createConnection: undefined,
    socketPath: undefined,
  };
}

function redirect(module, secure) {
  const plain = http.request;
  const own = module.request;
  module.request = function request(...args) {
    const { options, callback } = read(args);
    const host = String(options.hostname ?? options.host ?? "localhost").replace(/:\d+$/, "");
    if (isHere(host)) return own.apply(module, args);
    return plain.call(http, redirected({ ...options, hostname: host }, secure), callback);
  };
  module.get = function get(...args) {
    const request = module.request(...args);
    request.end();
    return request;
  };
}
redirect(https, true); // first, because it needs the original request of http
redirect(http, false);
syncBuiltinESMExports();

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function connectHere(...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const host =
    first !== null && typeof first === "object"
      ? (first.path ?? first.host ?? "localhost")
      : typeof second === "string"
        ? second
        : "localhost";
  if (!isHere(host) && !String(host).startsWith("/")) {
    throw new Error(`A test does not leave this machine: ${host}`);
  }
  return connect.apply(this, args);
};
