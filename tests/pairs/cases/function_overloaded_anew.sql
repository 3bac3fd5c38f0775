create function price(a int) returns int language sql immutable as 'select a';
create table item(id int default price(1), check (price(id) > 0));
create view prices as select price(id) from item;
-- becomes
create function price(a int, tax int default 3) returns int language sql immutable as 'select a + tax';
create table item(id int default price(1), check (price(id) > 0));
create view prices as select price(id) from item;
