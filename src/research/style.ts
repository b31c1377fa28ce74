// The style sheet of reports: one file, system fonts, both color schemes, prints on paper.
// tidy: tested by test/src/research/report.test.ts

/** Contents of the page's `<style>`. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--bg:#f5f6f8;--panel:#fff;--fg:#1b2330;--muted:#5f6b7c;--rule:#e2e6ec;
--line:#2458d3;--gain:#0b7a43;--loss:#b3261e;--warn-bg:#fff6e0;--warn:#6b4b00;--grid:#e9edf2}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--panel:#151b24;--fg:#e5e9f0;--muted:#94a0b3;
--rule:#273040;--line:#7aa2ff;--gain:#4cc38a;--loss:#ff8478;--warn-bg:#2b2410;--warn:#f2cf7a;
--grid:#212a37}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:14px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:32px 20px 56px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:15px;margin:0 0 12px}
p{margin:0 0 8px}.muted{color:var(--muted)}
.eyebrow{font-size:12px;letter-spacing:.08em;text-transform:uppercase;color:var(--muted);
margin:0 0 8px}
.panel{background:var(--panel);border:1px solid var(--rule);border-radius:10px;padding:18px 20px;
margin-top:16px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));gap:1px;padding:0;
background:var(--rule);overflow:hidden}
.figures div{background:var(--panel);padding:14px 18px}
.figures dt{font-size:12px;color:var(--muted);margin:0}
.figures dd{font-size:20px;line-height:1.35;margin:2px 0 0;
font-variant-numeric:tabular-nums;white-space:nowrap}
.figures small{display:block;font-size:12px;line-height:1.35;color:var(--muted);white-space:normal}
.gain{color:var(--gain)}.loss{color:var(--loss)}
.warn{background:var(--warn-bg);color:var(--warn);border-color:transparent}
.warn ul{margin:0;padding-left:18px}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
th{font-weight:600;font-size:12px;color:var(--muted);text-align:left;white-space:nowrap}
th,td{padding:6px 8px;border-bottom:1px solid var(--rule)}
tr:last-child td{border-bottom:0}
td.n,th.n{text-align:right}td{white-space:nowrap}td.wrap{white-space:normal}
code{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;word-break:break-all;
white-space:normal}
svg{display:block;width:100%;height:auto}
.grid{stroke:var(--grid);stroke-width:1}.axis{fill:var(--muted);font-size:11px}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}
.line.equity{stroke:var(--line)}.line.price{stroke:var(--muted);stroke-width:1.2}
.line.drawdown{stroke:var(--loss);stroke-width:1.2}
.area.equity{fill:var(--line);opacity:.1}.area.drawdown{fill:var(--loss);opacity:.16}
.baseline{stroke:var(--muted);stroke-dasharray:4 4}
.mark{stroke:var(--panel);stroke-width:1}.mark.buy{fill:var(--gain)}.mark.sell{fill:var(--loss)}
.mark.exit{fill:var(--panel);stroke:var(--fg);stroke-width:1.5}
.legend{display:flex;gap:16px;flex-wrap:wrap;color:var(--muted);font-size:12px;margin:8px 0 0}
.empty{color:var(--muted)}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:0 28px}
@media(max-width:760px){.columns{grid-template-columns:1fr}}
li{margin:0 0 4px}
@media print{body{background:#fff}.panel{break-inside:avoid}}
`;
