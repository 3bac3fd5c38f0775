-- not supported
create type money_in as (cents int, currency text);
create table purse(content money_in);
-- becomes
create table money_in(cents int, currency text);
create table purse(content money_in);
