//! What an attachment may be. Values in, verdict out.

use crate::error::{Error, Result};
use crate::{say, text_enum};

text_enum! {
    /// Media type of an attachment.
    pub enum MediaType {
        /// A photo.
        Jpeg = "image/jpeg",
        /// A scan or screenshot.
        Png = "image/png",
        /// A document.
        Pdf = "application/pdf",
    }
}

/// The media type of a content, by its first bytes and its end: refused when it is none of those accepted, when it is
/// not what it is said to be, and when it is cut off.
pub fn sniff(content: &[u8], said: &str) -> Result<MediaType> {
    let said = said
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let Ok(said) = said.parse::<MediaType>() else {
        return Err(Error::UnsupportedMediaType);
    };
    if content.is_empty() {
        return Err(refused("required", say!("没有内容", "there is no content")));
    }
    let found = infer::get(content).map(|kind| kind.mime_type());
    if found != Some(said.as_str()) {
        let detail = say!(
            "内容与所称的类型不符",
            "the content is not of the type that it is said to have"
        );
        return Err(refused("type_mismatch", detail));
    }
    if !is_whole(content, said) {
        let detail = say!("内容不完整，请重新上传", "the content is cut off: send it again");
        return Err(refused("cut_off", detail));
    }
    Ok(said)
}

/// Whether the mark is there that each type ends with; some programs write a little more behind it.
fn is_whole(content: &[u8], media_type: MediaType) -> bool {
    let mark: &[u8] = match media_type {
        MediaType::Jpeg => &[0xff, 0xd9],
        MediaType::Png => b"IEND\xae\x42\x60\x82",
        MediaType::Pdf => b"%%EOF",
    };
    let end = &content[content.len().saturating_sub(1024)..];
    end.windows(mark.len()).any(|window| window == mark)
}

/// A paper on which something rests that was handed in or done stays.
pub fn may_void(rests_on_it: bool) -> Result<()> {
    if !rests_on_it {
        return Ok(());
    }
    let detail = say!(
        "该材料为已提交或已办事项的依据，不能作废；可先补交同类证明",
        "something rests on this paper: it stays, or another proof of its kind comes first"
    );
    Err(Error::refused("proof_needed", detail))
}

fn refused(code: &'static str, detail: crate::error::Message) -> Error {
    Error::invalid("", code, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

    #[test]
    fn a_content_is_what_it_is_said_to_be_and_whole() {
        let jpeg = [&[0xff, 0xd8, 0xff, 0xe0][..], &[0; 64], &[0xff, 0xd9]].concat();
        let png = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 64], b"IEND\xae\x42\x60\x82"].concat();
        assert!(matches!(sniff(PDF, "application/pdf"), Ok(MediaType::Pdf)));
        assert!(matches!(sniff(&jpeg, "image/jpeg; q=1"), Ok(MediaType::Jpeg)));
        assert!(matches!(sniff(&png, "IMAGE/PNG"), Ok(MediaType::Png)));
        for (content, said) in [
            (PDF, "image/jpeg"),
            (&PDF[..20], "application/pdf"),
            (&jpeg[..60], "image/jpeg"),
            (&png[..60], "image/png"),
            (b"", "image/png"),
            (b"MZ\x90\0 an executable", "application/pdf"),
            (PDF, "text/html"),
            (b"<script>alert(1)</script>", "image/png"),
        ] {
            assert!(sniff(content, said).is_err(), "{said}");
        }
    }
}
