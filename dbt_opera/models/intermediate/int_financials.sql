{% set amounts = [
    'total_revenue', 'ticket_revenue', 'subscription_revenue', 'donation_revenue', 'government_grants',
    'corporate_sponsorship', 'endowment_income', 'other_revenue', 'total_expenses', 'artist_fees', 'production_costs',
    'venue_costs', 'marketing_costs', 'administrative_costs', 'other_expenses'
] %}

with financials as (
    select * from {{ ref('stg_financials') }}
    where is_latest
),

sources as (
    select * from {{ ref('int_sources') }}
),

printed as (
    select
        sources.company_id,
        coalesce(
            {{ printed_season('financials.fiscal_year') }},
            to_char(financials.period_end_date, 'YYYY') || '/1'
        ) as parsed_year,
        financials.fiscal_year,
        financials.period_start_date,
        financials.period_end_date,
        financials.currency_code,
        coalesce(financials.is_estimated, false) as is_estimated,
        {% for amount in amounts %}
            financials.{{ amount }} * financials.unit_multiplier as {{ amount }},
        {% endfor %}
        sources.page_type,
        sources.url,
        financials.extraction_id,
        financials.pointer,
        sources.source_rank * 1000000 + financials.position as pick_rank,
        sources.first_scraped_at,
        sources.scraped_at,
        sources.last_seen_at
    from financials
    inner join sources on financials.extraction_id = sources.extraction_id
),

labelled as (
    select
        *,
        case split_part(parsed_year, '/', 2)
            when '1' then split_part(parsed_year, '/', 1)
            when '2'
                then
                    split_part(parsed_year, '/', 1) || '/'
                    || lpad(((split_part(parsed_year, '/', 1)::integer + 1) % 100)::text, 2, '0')
        end as fiscal_year_label
    from printed
),

identified as (
    select
        *,
        {{ key('financial', ['company_id', 'fiscal_year_label', 'is_estimated', 'currency_code']) }}
            as financial_data_id
    from labelled
    where fiscal_year_label is not null
)

select * from identified
