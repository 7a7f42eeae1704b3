enum { INNER };
