// An OpenID-certified authorization server under Entra ID's addresses: "oidc.mjs TENANT CLIENT APP JWKS-FILE LOG" prints
// "ready URL". Every request for a token is written to LOG, a line of JSON each. As Graph it has empty collections for whoever
// brings a token. POST /_test/life?seconds=N: new tokens live so long; POST /_test/revoke: those given so far are no good.
import { readFileSync, appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

// Standard output is for one line: whoever reads it goes away then.
console.info = console.warn = console.error;
const [tenant, client, app, jwks, log] = process.argv.slice(2);
const scope = 'https://graph.microsoft.com/';
const given = new Set();
let life = 10;
const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(origin, {
  clients: [
    { client_id: client, application_type: 'native', token_endpoint_auth_method: 'none', response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      redirect_uris: ['http://localhost/'] },
    { client_id: app, token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256',
      grant_types: ['client_credentials'], response_types: [], redirect_uris: [],
      jwks: JSON.parse(readFileSync(jwks)) },
  ],
  routes: {
    authorization: `/${tenant}/oauth2/v2.0/authorize`,
    token: `/${tenant}/oauth2/v2.0/token`,
    device_authorization: `/${tenant}/oauth2/v2.0/devicecode`,
    code_verification: '/device',
  },
  scopes: ['openid', 'offline_access', 'profile', `${scope}CloudPC.Read.All`, `${scope}.default`],
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    resourceIndicators: { enabled: false },
  },
  issueRefreshToken: () => true,
  pkce: { required: () => true },
  ttl: { AccessToken: () => life, ClientCredentials: 10 },
  cookies: { keys: ['test'] },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
provider.on('server_error', (ctx, error) => console.error(error));
for (const event of ['grant.success', 'grant.error']) {
  provider.on(event, (ctx, error) => appendFileSync(log, `${JSON.stringify({
    event, error: error?.error, why: error?.error_description, grant: ctx.oidc.params?.grant_type,
    scope: ctx.oidc.params?.scope, names: Object.keys(ctx.oidc.params ?? {}).filter((k) => ctx.oidc.params[k] !== undefined),
  })}\n`));
}
provider.on('authorization.error', (ctx, error) => console.error(error.message, error.error_description));
provider.on('access_token.saved', (token) => given.add(token.jti));

const test = { life: (query) => { life = Number(query.get('seconds')); }, revoke: () => given.clear() };
const graph = (request, response) => {
  const known = given.has(request.headers.authorization?.replace('Bearer ', ''));
  response.writeHead(known ? 200 : 401, { 'content-type': 'application/json', ...(known ? {} : { 'www-authenticate': 'Bearer' }) });
  response.end(JSON.stringify(known ? { value: [] } : { error: { code: 'InvalidAuthenticationToken', message: 'no' } }));
};
// The standard's optional prompt=select_account has no page here: to this server it is a sign-in with consent.
const answer = provider.callback();
server.on('request', (request, response) => {
  const { pathname, searchParams } = new URL(request.url, origin);
  if (pathname.startsWith('/beta/')) return graph(request, response);
  if (pathname.startsWith('/_test/')) {
    test[pathname.slice('/_test/'.length)](searchParams);
    return response.end();
  }
  request.url = request.url.replace('prompt=select_account', 'prompt=login%20consent');
  return answer(request, response);
});
console.log(`ready ${origin}`);
