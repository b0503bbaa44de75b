// Microsoft's own clients against the simulator: "clients.mjs CASE" prints what it has found, one line of JSON. Everything
// is told by the environment; who is trusted by NODE_EXTRA_CA_CERTS.
import { createHash, X509Certificate } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ConfidentialClientApplication, ManagedIdentityApplication, PublicClientApplication } from '@azure/msal-node';
import {
  ClientCertificateCredential, ClientSecretCredential, DeviceCodeCredential, ManagedIdentityCredential, WorkloadIdentityCredential,
} from '@azure/identity';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';

const { ENTRA_BASE, GRAPH_BASE, TENANT, CLIENT_ID, SECRET_FILE, PUBLIC_CLIENT_ID, CERT_CLIENT_ID, CERTIFICATE, CERTIFICATE_KEY,
  FEDERATED, BROWSER } = process.env;
const { host, hostname } = new URL(ENTRA_BASE);
const graph = 'https://graph.microsoft.com';
const secret = () => readFileSync(SECRET_FILE, 'utf8').trim();
const inside = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

// ---- MSAL

const auth = (clientId, more) => ({ auth: { clientId, authority: `${ENTRA_BASE}/${TENANT}`, knownAuthorities: [host], ...more } });
const person = (result) => ({ user: result.account.username, tenant: result.tenantId, scopes: result.scopes });

const application = async (more) => {
  const client = new ConfidentialClientApplication(more);
  const one = await client.acquireTokenByClientCredential({ scopes: [`${graph}/.default`] });
  const two = await client.acquireTokenByClientCredential({ scopes: [`${graph}/.default`] });
  return { type: one.tokenType, roles: inside(one.accessToken).roles, again: [two.fromCache, two.accessToken === one.accessToken] };
};

const approve = async (code) => {
  const answer = await fetch(`${GRAPH_BASE}/_sim/device?user_code=${encodeURIComponent(code)}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`the hook says ${answer.status}`);
};

// What every sign-in of a person is followed by: the token of the cache, and one of the refresh token.
const silently = async (client, first) => {
  const { account } = first;
  const scopes = [`${graph}/CloudPC.Read.All`];
  const kept = await client.acquireTokenSilent({ account, scopes });
  const fresh = await client.acquireTokenSilent({ account, scopes, forceRefresh: true });
  return { ...person(first), kept: [kept.fromCache, kept.accessToken === first.accessToken],
    fresh: [fresh.fromCache, fresh.accessToken !== first.accessToken, inside(fresh.accessToken).scp.includes('CloudPC.Read.All')] };
};

// ---- the Graph client

const client = (token) => Client.init({
  baseUrl: `${GRAPH_BASE}/`, customHosts: new Set([hostname]), defaultVersion: 'beta',
  authProvider: (done) => done(null, token),
});
const azure = { authorityHost: ENTRA_BASE, disableInstanceDiscovery: true };
const bearer = async (credential, scope = `${graph}/.default`) => {
  const { token, expiresOnTimestamp } = await credential.getToken(scope);
  const { appid, roles, scp, upn } = inside(token);
  return { app: appid, roles, scp, upn, lives: expiresOnTimestamp > Date.now() };
};
const pcs = '/deviceManagement/virtualEndpoint/cloudPCs';
const reader = async () => client((await new ClientSecretCredential(TENANT, CLIENT_ID, secret(), azure).getToken(`${graph}/.default`)).token);

const cases = {
  'msal-secret': () => application(auth(CLIENT_ID, { clientSecret: secret() })),
  'msal-wrong-secret': () => application(auth(CLIENT_ID, { clientSecret: 'wrong' })).catch((e) => ({ code: e.errorCode, no: e.errorNo, type: e.name })),
  'msal-certificate': () => {
    const x5c = readFileSync(CERTIFICATE, 'utf8');
    const thumbprintSha256 = createHash('sha256').update(new X509Certificate(x5c).raw).digest('hex');
    return application(auth(CERT_CLIENT_ID, { clientCertificate: { thumbprintSha256, x5c, privateKey: readFileSync(CERTIFICATE_KEY, 'utf8') } }));
  },
  'msal-device': async () => {
    const app = new PublicClientApplication(auth(PUBLIC_CLIENT_ID));
    return silently(app, await app.acquireTokenByDeviceCode({
      scopes: [`${graph}/CloudPC.Read.All`], deviceCodeCallback: ({ userCode }) => approve(userCode),
    }));
  },
  'msal-browser': async () => {
    const app = new PublicClientApplication(auth(PUBLIC_CLIENT_ID));
    return silently(app, await app.acquireTokenInteractive({
      scopes: [`${graph}/CloudPC.Read.All`], openBrowser: async (url) => { execFile(BROWSER, [url]); },
    }));
  },
  'msal-managed': async () => {
    const one = await new ManagedIdentityApplication().acquireToken({ resource: graph });
    return { type: one.tokenType, roles: inside(one.accessToken).roles };
  },
  'identity-secret': () => bearer(new ClientSecretCredential(TENANT, CLIENT_ID, secret(), azure)),
  'identity-certificate': () => bearer(new ClientCertificateCredential(TENANT, CERT_CLIENT_ID, CERTIFICATE, azure)),
  'identity-device': () => bearer(new DeviceCodeCredential({
    ...azure, tenantId: TENANT, clientId: PUBLIC_CLIENT_ID, userPromptCallback: ({ userCode }) => approve(userCode),
  }), `${graph}/CloudPC.Read.All`),
  'identity-workload': () => bearer(new WorkloadIdentityCredential({ ...azure, tenantId: TENANT, clientId: CLIENT_ID, tokenFilePath: FEDERATED })),
  'identity-managed': () => bearer(new ManagedIdentityCredential()),
  'graph-pages': async () => {
    const graphs = await reader();
    const first = await graphs.api(pcs).select('id').get();
    const ids = new Set();
    await new PageIterator(graphs, first, (item) => { ids.add(item.id); return true; }).iterate();
    return { onFirst: first.value.length, all: ids.size };
  },
  'graph-item': async () => {
    const graphs = await reader();
    const { value: [{ id }] } = await graphs.api(pcs).top(1).get();
    const item = await graphs.api(`${pcs}/${id}`).get();
    return { same: item.id === id, named: typeof item.displayName };
  },
  'graph-missing': async () => {
    const graphs = await reader();
    return graphs.api(`${pcs}/00000000-0000-4000-8000-000000000000`).get()
      .catch((e) => ({ type: e.constructor.name, status: e.statusCode, code: e.code, id: typeof e.requestId, said: e.message.length > 0 }));
  },
};
console.log(JSON.stringify(await cases[process.argv[2]]()));
process.exit(0); // MSAL's loopback server may keep a connection of the browser
