//! What words.h declares.

use std::ffi::CStr;
use std::os::raw::c_char;

/// # Safety
/// `text` ends with a NUL.
#[no_mangle]
pub unsafe extern "C" fn words_count(text: *const c_char) -> usize {
    match CStr::from_ptr(text).to_str() {
        Ok(text) => words::count(text).sum(),
        Err(_) => 0,
    }
}
