{{ config(indexes=[
    {'columns': ['change_id'], 'unique': true},
    {'columns': ['seen_at']},
    {'columns': ['company_name', 'seen_at']},
    {'columns': ['kind']},
    {'columns': ['production_id']},
    {'columns': ['performance_date']},
]) }}

with changes as (
    select * from {{ ref('core_changes') }}
),

extractions as (
    select
        extraction_id,
        evidence
    from {{ ref('stg_answers') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

productions as (
    select * from {{ ref('core_productions') }}
),

companies as (
    select * from {{ ref('core_companies') }}
),

named as (
    select
        changes.id as change_id,
        changes.seen_at,
        changes.kind,
        changes.production_id,
        changes.performance_id,
        companies.name as company_name,
        companies.country,
        productions.production_title,
        performances.performance_date,
        performances.performance_time,
        changes.subject,
        changes.old_value,
        changes.new_value,
        changes.change_share::numeric(8, 4) as change_share,
        concat_ws(
            ', ', productions.production_title, to_char(performances.performance_date, 'FMDD Mon YYYY')
        ) as what,
        changes.source_url,
        extractions.evidence -> changes.source_pointer ->> 'quote' as evidence
    from changes
    inner join productions on changes.production_id = productions.id
    inner join companies on productions.company_id = companies.id
    left join performances on changes.performance_id = performances.id
    left join extractions on changes.source_extraction_id = extractions.extraction_id
),

told as (
    select
        change_id,
        seen_at,
        kind,
        production_id,
        performance_id,
        company_name,
        country,
        production_title,
        performance_date,
        performance_time,
        subject,
        old_value,
        new_value,
        change_share,
        what || case kind
            when 'announced' then ': announced'
            when 'cancelled' then ': now cancelled'
            when 'postponed' then ': now postponed'
            when 'reinstated' then ': no longer ' || old_value
            when 'withdrawn' then ': no longer listed'
            when 'date_moved' then ': moved to ' || new_value
            when 'time_moved' then ': now at ' || new_value || ' instead of ' || old_value
            when 'price_changed'
                then
                    ': ' || coalesce(subject || ' ', '') || 'now ' || new_value || ' instead of ' || old_value
                    || coalesce(' (' || to_char(round(change_share * 100), 'FMSG990') || ' %)', '')
            else
                ': ' || coalesce(subject || ': ', '') || case kind
                    when 'cast_added' then new_value || ' announced'
                    when 'cast_removed' then old_value || ' no longer named'
                    when 'jump_in' then old_value || ' replaced at short notice by ' || new_value
                    else old_value || ' replaced by ' || new_value
                end
        end as sentence,
        source_url,
        evidence
    from named
)

select * from told
