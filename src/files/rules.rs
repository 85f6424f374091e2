//! The rules of a hardship file. Values in, verdict out.

use crate::text_enum;

text_enum! {
    /// The taxonomy a file was judged by (11).
    pub enum Scheme {
        /// 低保户、低保边缘户、意外致困户.
        Scheme2016 = "scheme_2016",
        /// 深度困难、相对困难、意外致困.
        Scheme2020 = "scheme_2020",
    }
}
