//! One test binary that mirrors `src`.

mod architecture;
