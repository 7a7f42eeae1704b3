//! `#[derive(Sum)]`: a method that adds up the fields of a struct, which must all be `usize`.

use proc_macro::{Delimiter, TokenStream, TokenTree};

/// The identifiers that stand before a single colon.
fn fields(body: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let named = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(name), TokenTree::Punct(p)] if p.as_char() == ':' => Some(name.to_string()),
        _ => None,
    };

    tokens.windows(2).filter_map(named).collect()
}

#[proc_macro_derive(Sum)]
pub fn sum(item: TokenStream) -> TokenStream {
    let mut name = String::new();
    let mut after_struct = false;
    let mut all = Vec::new();

    for token in item {
        match token {
            TokenTree::Ident(word) if after_struct => {
                name = word.to_string();
                after_struct = false;
            }
            TokenTree::Ident(word) => after_struct = word.to_string() == "struct",
            TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => all = fields(g.stream()),
            _ => {}
        }
    }
    let terms: String = all.iter().map(|field| format!(" + self.{field}")).collect();
    let text = format!("impl {name} {{ pub fn sum(&self) -> usize {{ 0{terms} }} }}");

    text.parse().unwrap()
}
