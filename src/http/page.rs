//! Pages that print on A4, in a style of their own and without a script.

use actix_web::HttpResponse;
use maud::{DOCTYPE, Markup, html};

const STYLE: &str = "@page{size:A4;margin:18mm 15mm 20mm;@bottom-center{font:9pt serif;\
    content:'第 ' counter(page) ' 页，共 ' counter(pages) ' 页'}}body{margin:0;font:10.5pt/1.4 serif}\
    h1{text-align:center;font-size:16pt;margin:0 0 4mm}h2{font-size:12pt;margin:5mm 0 2mm;break-after:avoid}\
    table{width:100%;border-collapse:collapse;margin-bottom:3mm}\
    th,td{border:1px solid #000;padding:1.5mm 2mm}th{white-space:nowrap}thead{display:table-header-group}\
    tr{break-inside:avoid}.head th{border:0;padding:0 0 2mm;font-weight:normal;text-align:left}\
    .k{white-space:nowrap}.n{white-space:nowrap;text-align:right}.end{break-before:avoid}\
    .h{font:8pt monospace;word-break:break-all}pre{font:8pt monospace;white-space:pre-wrap;word-break:break-all}\
    .signs{break-before:avoid;break-inside:avoid;margin-top:10mm;display:flex;flex-wrap:wrap;gap:8mm}\
    .signs span{flex:1;min-width:42mm;border-bottom:1px solid #000;padding-bottom:1mm}";

/// A page of its own.
pub fn printed(title: &str, body: &Markup) -> HttpResponse {
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head { meta charset="utf-8"; title { (title) } style { (STYLE) } }
            body { (body) }
        }
    };
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'",
        ))
        .body(page.into_string())
}
