create extension btree_gist;
create table t(r int4range, n int, exclude using gist (r with &&));
-- becomes
create extension btree_gist;
create table t(r int8range, n int, constraint ex exclude using gist (r with &&, n with =) where (n > 0) deferrable);
