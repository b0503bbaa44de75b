// A person at a real browser: "visit.mjs URL" signs in, consents, comes back; writes what was seen to $SEEN as JSON and
// pictures of the last page, light and dark, beside it.
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const { SIM_USER, SIM_PASSWORD, SEEN, CHROMIUM, ANSWER = 'accept' } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage({ ignoreHTTPSErrors: true, viewport: { width: 900, height: 600 } });
const complaints = [];
page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));

await page.goto(process.argv[2]);
await page.fill('input[name=login]', SIM_USER);
await page.fill('input[name=passwd]', SIM_PASSWORD);
await page.click('button[value=sign-in]');
const consent = page.locator(`button[value=${ANSWER}]`);
if (await consent.count()) await consent.first().click();
const proceed = page.locator('form[name=hiddenform] button, form[name=hiddenform] input[type=submit]');
if (!page.url().startsWith('http://localhost:') && await proceed.count()) await proceed.first().click();
await page.waitForURL('http://localhost:**');
await page.waitForLoadState();

const shot = async (scheme) => {
  await page.emulateMedia({ colorScheme: scheme });
  await page.screenshot({ path: `${SEEN}.${scheme}.png` });
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
};
const light = await shot('light');
const dark = await shot('dark');
writeFileSync(SEEN, JSON.stringify({
  title: await page.title(), heading: await page.textContent('h1'), scripts: await page.locator('script').count(),
  fits: await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), light, dark, complaints,
}));
await browser.close();
