/* Places as values. */
#include "builtin.h"

/* Columns count bytes here, as Nix does. */
void position_value(struct nix *x, uint32_t place, struct val *out)
{
	struct nix_file *f = files_at(&x->files, place);
	struct attrs *a;
	struct place p;
	struct span s;

	if (!f) {
		val_null(out);
		return;
	}
	s = files_span(&x->files, place, place);
	p = source_place(s.file, s.lo);
	a = attrs_new(&x->mem, 3);
	attrs_put(a, x->w.file, 0, str_cell(x, f->name));
	attrs_put(a, x->w.line, 0, int_cell(x, p.line));
	attrs_put(a, x->w.column, 0, int_cell(x, (int64_t)(s.lo - p.line_lo) + 1));
	attrs_end(a);
	val_attrs(out, a);
}
