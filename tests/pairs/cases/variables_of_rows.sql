create function kept() returns int language plpgsql as 'declare n int; begin return n; end';
-- becomes
create type money_of as (amount numeric, currency text);
create table stock(id int primary key, price money_of);
create view cheap as select * from stock where (price).amount < 1;
create function kept() returns int language plpgsql as 'declare n stock.id%type; begin return n; end';
create function all_of() returns void language plpgsql as 'Declare rows_of stock[]; one cheap%rowtype; price money_of; begin rows_of := array(select s from stock s); end';
create procedure nothing() language plpgsql as 'begin declare r stock%rowtype; begin null; end; end';
