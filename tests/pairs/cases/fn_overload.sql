create function f(int) returns int language sql as 'select 1';
create function f(text) returns int language sql as 'select 1';
create function f(int, int default 3) returns int language sql as 'select 1';
create view v as select f(1, 2) as a;
-- becomes
create function f(int) returns int language sql as 'select 1'; create function f(text, variadic text[]) returns int language sql as 'select 1'; create function f(a int, b int) returns int language sql as 'select 1';create view v as select f(1, 2) as a; create function win(out a int, inout b text, c int) language sql as 'select 1, $1'; create function tab() returns table(x int, y text) language sql as $$select 1, 'a'::text$$;
